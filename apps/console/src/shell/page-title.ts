import { useDocumentTitle } from '@mantine/hooks';

/** What the window is called: people keep one open for each of several tasks. */
export function usePageTitle(page: string): void {
  useDocumentTitle(`${page} · Orbweaver`);
}
