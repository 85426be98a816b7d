import { slices } from '../../libprocess/slices.ts';

/**
 * Answers that many ask for at once are made once: whoever asks for the same while it is made, or in the turn of the event loop in which it is done, gets the same. Nobody can tell
 * the difference: an answer is of the world as it is when it is done, and nobody can have heard of a change after that and asked again within the turn.
 */
export class Together<Answer> {
  private readonly made = new Map<string, Promise<Answer>>();

  /** @param key what is asked for @param make done in slices, see there */
  get(key: string, make: () => Answer): Promise<Answer> {
    let answer = this.made.get(key);
    if (answer === undefined) {
      const forget = (): void => void setImmediate(() => this.made.delete(key));
      this.made.set(key, (answer = slices.run(make)));
      answer.then(forget, forget);
    }
    return answer;
  }
}
