import { Button, Center } from '@mantine/core';

interface MoreProps {
  /** What an infinite query says of itself. */
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  label?: string;
}

/** Asks for the next page of a list, as long as there is one. */
export function More({
  query: { hasNextPage, isFetchingNextPage, fetchNextPage },
  label = 'More',
}: MoreProps) {
  return hasNextPage ? (
    <Center mt="sm">
      <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {label}
      </Button>
    </Center>
  ) : null;
}
