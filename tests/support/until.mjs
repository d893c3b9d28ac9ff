// Waiting for what can only be asked for.

export const DEADLINE = 30000;

// Until `ask` gives something true, which it gives.
export async function until(ask) {
  for (const end = Date.now() + DEADLINE; Date.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`not within ${DEADLINE} ms: ${ask}`);
}
