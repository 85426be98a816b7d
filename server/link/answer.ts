/** What a master's answer to a call means for the link. */
export type Meaning =
  /** It was taken. */
  | 'accepted'
  /** This call is wrong, others may be right: say so and go on. */
  | 'refused'
  /** The subscription is not (or no longer) one that this master knows: subscribe anew. */
  | 'resubscribe';

/** Texts of 4xx answers that are about the subscription and not about the call (Mesos 1.12). */
const ABOUT_SUBSCRIPTION = [
  /Framework cannot be found/,
  /Framework is not (?:subscribed|connected)/,
  /stream ID|Mesos-Stream-Id/,
];

/** Mesos takes calls with 202 before their effect; UPDATE_FRAMEWORK answers 200. Everything else comes as a text. */
export function meaningOf(status: number, text: string): Meaning {
  if (status === 200 || status === 202) return 'accepted';
  if (status >= 300 && status < 400) return 'resubscribe';
  if (status >= 500 || status === 401) return 'resubscribe';
  return ABOUT_SUBSCRIPTION.some((pattern) => pattern.test(text)) ? 'resubscribe' : 'refused';
}
