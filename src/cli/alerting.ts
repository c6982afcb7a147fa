// From the machine's alerts to the channels of the configuration: the log always, and every channel that wants to hear.
import type { Config } from '../config/config.ts';
import type { Alert } from '../failover/machine-effect.ts';
import type { AlertMessage, AlertOutcome } from '../ports/alerter.ts';
import { createRunCommand } from '../probe/run-command.ts';
import { createAlertFanOut } from '../telemetry/alert-fan-out.ts';
import { createExecAlerter } from '../telemetry/exec-alerter.ts';
import { createWebhookAlerter } from '../telemetry/webhook-alerter.ts';
import type { AppDeps } from './app-deps.ts';

export type Alerting = {
  /** Returns at once. */
  readonly alert: (service: string, alert: Alert) => void;
  /** Sends a test alert to every channel, or to the one that is named; the outcome of each by its name. */
  readonly test: (channel: string | null) => Promise<Readonly<Record<string, AlertOutcome>>>;
  readonly close: () => Promise<void>;
};

type AlertingOptions = { readonly deps: AppDeps; readonly config: Config; readonly prober: string };

/** Alerts that may wait in one channel while it does not answer. */
const QUEUE_MAX = 100;
const LOG_LEVEL = { critical: 'error', warning: 'warn', info: 'info' } as const;

export function createAlerting({ deps, config, prober }: AlertingOptions): Alerting {
  const { clock, logger, parentEnv, uniqueId } = deps;
  const shared = { clock, secrets: config.secrets };
  const runCommand = createRunCommand({ clock });
  const alerters = config.alerts.channels.map((channel) => ({
    minLevel: channel.minLevel,
    alerter:
      channel.kind === 'exec'
        ? createExecAlerter({ ...channel, ...shared, runCommand, parentEnv })
        : createWebhookAlerter({ ...channel, ...shared }),
  }));
  const common = { clock, logger, queueMax: QUEUE_MAX };
  const fanOut = createAlertFanOut({ ...common, alerters });
  const base = () => ({ cluster: config.cluster.name, wallMs: clock.wallMs(), prober });
  return {
    alert: (service, { id, state, count, level, subject, refusal }) => {
      logger[LOG_LEVEL[level]]({ alert: state, count, service, refusal }, subject);
      const { rule = null, reason = null, remedy = null } = refusal ?? {};
      const name = `${service}:${id ?? `event:${uniqueId()}`}`;
      fanOut.send({ ...base(), id: name, service, level, state, count, subject, rule, reason, remedy });
    },
    test: async (channel) => {
      if (channel === null) return fanOut.test({ ...base(), ...TEST, id: `test:${uniqueId()}` });
      const only = alerters.filter(({ alerter }) => alerter.name === channel);
      const one = createAlertFanOut({ ...common, alerters: only });
      try {
        return await one.test({ ...base(), ...TEST, id: `test:${uniqueId()}` });
      } finally {
        await one.close();
      }
    },
    close: fanOut.close,
  };
}

const TEST: Omit<AlertMessage, 'id' | 'cluster' | 'wallMs' | 'prober'> = {
  service: '',
  level: 'info',
  state: 'test',
  count: 1,
  subject: 'oneup: a test alert, nothing is wrong',
  rule: null,
  reason: null,
  remedy: null,
};
