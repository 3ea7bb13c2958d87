interface Book {
  title: string;
  author: string;
  shelf: string;
  price: number;
  about: string;
  publisher: string;
  pages: number;
  score: number;
}

interface Site {
  url: string;
  pageCount: number;
  close(): Promise<void>;
}

const SITE = new URL('../../examples/site/', import.meta.url);

export const { books, authors, shelves } = (await import(new URL('books.mjs', SITE).href)) as {
  books: readonly Book[];
  authors: Readonly<Record<string, readonly [name: string, about: string]>>;
  shelves: Readonly<Record<string, string>>;
};

export const { topics } = (await import(new URL('group.mjs', SITE).href)) as {
  topics: readonly { id: number; title: string; text: string }[];
};

export const { startSite } = (await import(new URL('server.mjs', SITE).href)) as {
  startSite: (port: number) => Promise<Site>;
};
