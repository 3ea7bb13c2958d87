/**
 * The page stands behind the hash, its question before it: so masters serve one file, and the router reads both. A
 * link that is opened in a window of its own, or typed, has its question behind the hash (`#/tasks?nodeId=…`).
 */
export function keepAddressInOrder(): void {
  moveQuestion();
  addEventListener('hashchange', moveQuestion);
}

function moveQuestion(): void {
  const [page, question] = location.hash.split('?');
  if (question !== undefined) history.replaceState(null, '', `${location.pathname}?${question}${page}`);
}
