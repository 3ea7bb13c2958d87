/** A node of a page: an element, or the text between two tags. */
export type HtmlNode = HtmlElement | HtmlText;

export class HtmlText {
  constructor(
    readonly parent: HtmlElement,
    public data: string,
  ) {}
}

/** No more than extraction needs of an element; the page's root is one, with the empty name. */
export class HtmlElement {
  readonly children: HtmlNode[] = [];
  /** The number of the last of the elements within, in the order of the page. */
  last: number;
  /** Of the children that are elements. */
  lastElement: HtmlElement | undefined;
  /** The element before, of the same parent. */
  readonly previous: HtmlElement | undefined;
  /** Where its content ends in the page's text, and where its end tag does. */
  contentEnd: number;
  end: number;
  /** From HTML to SVG or MathML, or back. */
  changesLanguage = false;

  constructor(
    readonly name: string,
    readonly parent: HtmlElement | null,
    /** In the order of the page. */
    readonly order: number,
    readonly depth: number,
    readonly start: number,
    /** Names and values by turns. */
    readonly attributes: readonly string[],
    readonly contentStart: number,
  ) {
    this.last = order;
    this.previous = parent?.lastElement;
    this.contentEnd = this.end = contentStart;
  }

  attribute(name: string): string | undefined {
    const { attributes } = this;
    for (let at = 0; at < attributes.length; at += 2) if (attributes[at] === name) return attributes[at + 1];
    return undefined;
  }
}
