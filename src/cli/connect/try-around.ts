// Tries what stands around the services: name servers, references, and the ways of alerts, which are looked at and not used.
import type { Clock } from '../../base/clock.ts';
import type { ParentEnvironment } from '../../base/parent-environment.ts';
import { inheritedVariables } from '../../base/parent-environment.ts';
import type { AlertsConfig } from '../../config/alerts-config.ts';
import type { Config, ReferenceTarget } from '../../config/config.ts';
import { findObstacle } from '../../nodes/exec/find-obstacle.ts';
import { askSerial } from '../../probe/ask-name-server.ts';
import { probeReference } from '../../probe/probe-reference.ts';
import { runCheck } from '../../probe/run-check.ts';
import { reachableServer } from '../ask-peers.ts';
import type { Area, Finding, Outcome } from './finding.ts';
import type { Job } from './run-jobs.ts';
import { within } from './within.ts';

type Deps = { readonly clock: Clock; readonly parentEnv: ParentEnvironment };
type Channel = AlertsConfig['channels'][number];

const ANSWER_MS = 2_000;
const NAME_ATTEMPTS = 2;
/** Its own reason is better than that of the deadline. */
const GRACE_MS = 500;
const CONNECT_MS = 5_000;

export function nameServerJobs({ dns, cluster }: Config, { clock }: Deps): readonly Job[] {
  return dns.zones.flatMap(({ name, nameServers }) =>
    nameServers.map(({ prober }): Job => {
      const config = cluster.probers.find(({ id }) => id === prober);
      const server = config === undefined ? null : reachableServer(config);
      const subject = `${prober}, zone ${name}`;
      if (server === null)
        return told(
          'name server',
          subject,
          'untried',
          'it listens on a port that is chosen when it starts, or nowhere',
        );
      const at = `${server.host}:${server.port}`;
      return job({ area: 'name server', subject, timeoutMs: ANSWER_MS * NAME_ATTEMPTS + GRACE_MS }, async (signal) => {
        for (let attempt = 1; attempt <= NAME_ATTEMPTS && !signal.aborted; attempt += 1) {
          const ask = (limit: AbortSignal) => askSerial({ server, name }, { signal: limit });
          const serial = await within({ clock, signal, ms: ANSWER_MS }, ask).catch(() => null);
          if (serial !== null) return ['ok', `${at} answers, serial ${serial}`];
        }
        return [
          'wrong',
          `${at} gives no authoritative answer: is oneup run there, and is port ${server.port} open (UDP)?`,
        ];
      });
    }),
  );
}

export function referenceJobs({ cluster }: Config, { clock }: Deps): readonly Job[] {
  if (cluster.references.length === 0) {
    const says = 'none is configured: a prober that is cut off votes all the same (S22)';
    return [told('reference', 'references', 'expected', says)];
  }
  return cluster.references.map((target) =>
    job({ area: 'reference', subject: nameOf(target), timeoutMs: CONNECT_MS }, async (signal) => {
      const { result } = await probeReference(target, { clock, signal });
      return result.kind === 'pass' ? ['ok', 'it answers'] : ['wrong', result.reason];
    }),
  );
}

/** Nothing is sent: the way is looked at, and oneup test-alert sends one. */
export function alertJobs({ alerts }: Config, deps: Deps): readonly Job[] {
  return alerts.channels.map((channel) =>
    job({ area: 'alert', subject: channel.name, timeoutMs: CONNECT_MS }, (signal) =>
      lookAtChannel(channel, signal, deps),
    ),
  );
}

async function lookAtChannel(channel: Channel, signal: AbortSignal, deps: Deps): Promise<readonly [Outcome, string]> {
  if (channel.kind === 'exec') {
    const { argv, env, cwd } = channel.command;
    const own = Object.fromEntries(env.map(([name, value]) => [name, value.reveal()]));
    const obstacle = findObstacle({ argv, cwd, env: { ...inheritedVariables(deps.parentEnv), ...own } });
    return obstacle === null ? ['ok', `${argv[0]} is there; nothing was sent`] : ['wrong', `${argv[0]}: ${obstacle}`];
  }
  const { protocol, hostname, port } = new URL(channel.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isEncrypted = protocol === 'https:';
  const place = { host, port: port === '' ? (isEncrypted ? 443 : 80) : Number(port) };
  const tls = { ca: null, serverName: null, verify: true };
  const { result } = await runCheck(
    isEncrypted ? { kind: 'tls', ...place, tls, minDaysToExpiry: null, proxy: null } : { kind: 'tcp', ...place },
    { ...deps, signal },
  );
  return result.kind === 'pass' ? ['ok', `${host} takes connections; nothing was sent`] : ['wrong', result.reason];
}

function nameOf(target: ReferenceTarget): string {
  return target.kind === 'http' ? target.url : `tcp://${target.host}:${target.port}`;
}

type Frame = { readonly area: Area; readonly subject: string; readonly timeoutMs: number };

function job(
  { area, subject, timeoutMs }: Frame,
  look: (signal: AbortSignal) => Promise<readonly [Outcome, string]>,
): Job {
  const run = async (signal: AbortSignal): Promise<readonly Finding[]> => {
    const [outcome, says] = await look(signal);
    return [{ area, subject, outcome, says }];
  };
  return { area, subject, timeoutMs, run };
}

function told(area: Area, subject: string, outcome: Outcome, says: string): Job {
  return job({ area, subject, timeoutMs: ANSWER_MS }, () => Promise.resolve([outcome, says]));
}
