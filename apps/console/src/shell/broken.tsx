import { Alert, Button, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';

interface BrokenProps {
  children: ReactNode;
  /** Where the reader is: what broke one page is not held against another. */
  at: string;
}

/** In the place of a page that broke, so that what stands around it stays. */
export class Broken extends Component<BrokenProps, { at: string; error: Error | undefined }> {
  override state = { at: this.props.at, error: undefined };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  static getDerivedStateFromProps({ at }: BrokenProps, state: { at: string }): object | null {
    return at === state.at ? null : { at, error: undefined };
  }

  override render(): ReactNode {
    const { error } = this.state as { error: Error | undefined };
    if (error === undefined) return this.props.children;
    return (
      <Alert color="red" role="alert" title="This page cannot be shown">
        <Text size="sm">
          {error.message}. It may be of another version than the master: then it is well again once it is
          loaded anew.
        </Text>
        <Button mt="xs" size="compact-sm" variant="default" onClick={() => location.reload()}>
          Load it anew
        </Button>
      </Alert>
    );
  }
}
