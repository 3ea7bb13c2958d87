import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { LogLine } from '../../api/client';
import { clock, nodeName } from '../../shell/words';
import classes from './log-lines.module.css';

const LINE_PX = 20;

interface LogLinesProps {
  lines: readonly LogLine[];
  follows: boolean;
  /** Whether the reader is at the end now. */
  onScrolled: (isAtEnd: boolean) => void;
}

/** Only the lines in sight are in the page. */
export function LogLines({ lines, follows, onScrolled }: LogLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    // Lines that leave at the head must not push the others about under the reader's eyes.
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 20,
  });
  useEffect(() => {
    if (follows && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follows, lines, rows]);
  const look = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = scroller.current ?? {};
    onScrolled(scrollHeight - scrollTop - clientHeight < 2 * LINE_PX);
  };
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      tabIndex={0}
      role="log"
      aria-label="Log"
      aria-live="off"
      onWheel={look}
      onKeyUp={look}
      onPointerUp={look}
      onTouchEnd={look}
    >
      <div className={classes.all} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return (
            <div
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className={classes.line}
              style={{ transform: `translateY(${start}px)` }}
            >
              {line !== undefined && <Line line={line} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Line({
  line: { at, level = 'info', message, fields = '', nodeId, traceId = '' },
}: {
  line: LogLine;
}) {
  return (
    <>
      <time dateTime={at} title={`${at} · ${nodeName(nodeId)}`}>
        {at === undefined ? '' : clock(new Date(at))}
      </time>{' '}
      <span className={classes[level]}>{level}</span> {message}{' '}
      {fields !== '' && <span className={classes.fields}>{fieldsText(fields)}</span>}
      {traceId !== '' && <span className={classes.fields}> trace={traceId}</span>}
    </>
  );
}

/** `pages=12 url=https://…`, as logs have it. */
function fieldsText(json: string): string {
  return Object.entries(JSON.parse(json) as Record<string, unknown>)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
