/** Server-sent events of a route, as a page reads them. */
export class EventStream {
  #gone = new AbortController();
  #waiting = new Set();
  #last;

  /** Resolves when the stream has begun. */
  static async open(address, path) {
    const stream = new EventStream();
    const answer = await fetch(`http://${address}${path}`, { signal: stream.#gone.signal });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    void stream.#read(answer.body).catch(() => undefined);
    return stream;
  }

  /** The next message, or the last one, that is as wanted, and when it came. */
  when(wanted, timeoutMs = 20_000) {
    return new Promise((resolve, reject) => {
      const look = (message) => {
        if (!wanted(message)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve({ message, at: performance.now() });
      };
      const timer = setTimeout(() => reject(new Error('no such message')), timeoutMs);
      this.#waiting.add(look);
      if (this.#last !== undefined) look(this.#last);
    });
  }

  close() {
    this.#gone.abort();
  }

  async #read(body) {
    let text = '';
    for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
      text += bytes;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data === undefined) continue;
        this.#last = JSON.parse(data);
        for (const look of this.#waiting) look(this.#last);
      }
    }
  }
}
