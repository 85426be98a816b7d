/** What an ERROR event means for whoever reads the log, and how soon it is worth trying again. The texts are those of Mesos 1.12. */
export function readError(message: string): { readonly say: string; readonly patiently: boolean } {
  if (message.startsWith('Framework has been removed')) {
    return {
      say: 'THE MASTER HAS REMOVED THIS FRAMEWORK and ended its tasks; it registers as a new one, and what is wanted starts anew',
      patiently: false,
    };
  }
  if (message.startsWith('Framework failed over')) {
    // Whoever it is would lose the subscription to us, and we to them, for ever.
    return {
      say: 'another scheduler has subscribed as this framework; is a second server running on a copy of the store?',
      patiently: true,
    };
  }
  return { say: 'the master refuses the subscription', patiently: false };
}
