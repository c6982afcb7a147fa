// Asks the members of etcd which one the others follow, and prints the name of its prober, or nothing when none of them says so.
import { ETCD_PORT, mainAddress, PROBERS } from './hosts.ts';

const ANSWER_MS = 1_000;
type Answer = { readonly header?: { readonly member_id?: string }; readonly leader?: string };

for (const prober of PROBERS) {
  const url = `http://${mainAddress(prober)}:${ETCD_PORT}/v3/maintenance/status`;
  try {
    const response = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(ANSWER_MS) });
    const { header, leader } = (await response.json()) as Answer;
    if (leader === undefined || leader !== header?.member_id) continue;
    process.stdout.write(prober);
    break;
  } catch {
    // It does not run, or nobody reaches it: the next one is asked.
  }
}
