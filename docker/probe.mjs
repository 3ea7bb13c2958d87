// Asks one URL and exits 0 when it answers 2xx in time: what a container's health check runs, since the
// image has no curl.
//
//   node probe.mjs http://127.0.0.1:8081/readyz [timeout in ms, default 3000]
const [url, timeoutMs = '3000'] = process.argv.slice(2);

try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(Number(timeoutMs)), redirect: 'manual' });
  const text = await answer.text();
  if (!answer.ok) fail(`${answer.status} ${text.slice(0, 500)}`);
} catch (error) {
  fail(error.cause?.message ?? error.message);
}

function fail(why) {
  console.error(`${url}: ${why}`);
  process.exit(1);
}
