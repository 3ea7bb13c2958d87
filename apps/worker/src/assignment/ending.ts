/**
 * An end that somebody calls for, once. Its signal is made when it is first asked for: a signal takes a kilobyte, and a
 * hundred thousand tasks may wait that nobody listens for.
 */
export class Ending {
  #isCalled = false;
  #reason: string | undefined;
  #controller: AbortController | undefined;

  get isCalled(): boolean {
    return this.#isCalled;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isCalled) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason is the signal's. */
  call(reason: string): void {
    if (this.#isCalled) return;
    this.#isCalled = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
