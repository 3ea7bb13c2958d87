import { diffLines } from 'diff';
import classes from './difference.module.css';

/** Two texts as one: lines that went, lines that came. */
export function Difference({ before, after }: { before: string; after: string }) {
  const parts = diffLines(before, after);
  const isSame = parts.every(({ added, removed }) => !added && !removed);
  return (
    <pre className={classes.text} tabIndex={0} aria-label="Then and now">
      {isSame && 'It is the same as now.\n\n'}
      {parts.map(({ value, added, removed }, index) => {
        const lines = value.replace(/^/gm, added ? '+ ' : removed ? '- ' : '  ').replace(/\n[+\- ] $/, '\n');
        if (added) return <ins key={index}>{lines}</ins>;
        return removed ? <del key={index}>{lines}</del> : <span key={index}>{lines}</span>;
      })}
    </pre>
  );
}
