// Whether systemd leaves the unit of a service alone, looked at again and again while nothing is started: a standby whose unit
// would start by itself is found before the failover that needs it.
import type { ServiceId } from '../base/ids.ts';
import type { UnitFault } from '../ports/keeper.ts';
import type { ServiceAgentDeps } from './service-agent-deps.ts';

export type UnitWatchDeps = Pick<ServiceAgentDeps, 'keeper' | 'clock' | 'logger' | 'signal' | 'onChange'> & {
  readonly service: ServiceId;
};

/** Two short calls of systemctl each time. */
const LOOK_MS = 30_000;
/** Longer than systemd gets for each of them. */
const ANSWER_MAX_MS = 15_000;

export class UnitWatch {
  readonly #deps: UnitWatchDeps;
  #unit: string | null = null;
  #fault: UnitFault | null = null;

  constructor(deps: UnitWatchDeps) {
    this.#deps = deps;
  }

  /** null: nothing is known against it. */
  get fault(): UnitFault | null {
    return this.#fault;
  }

  /** null: the service is no unit, and nothing is looked at. Safe to repeat. */
  follow(unit: string | null): void {
    if (unit === this.#unit) return;
    this.#unit = unit;
    this.#fault = null;
    if (unit !== null) void this.#look(unit);
  }

  async #look(unit: string): Promise<void> {
    const { signal, clock } = this.#deps;
    while (this.#unit === unit && !signal.aborted) {
      const fault = await this.#ask(unit);
      if (this.#unit !== unit || signal.aborted) return;
      this.#take(unit, fault);
      await clock.sleep(LOOK_MS, { signal }).catch(() => undefined);
    }
  }

  /** What it was before, while the keeper does not answer. Never rejects. */
  async #ask(unit: string): Promise<UnitFault | null> {
    const { keeper, service, clock, logger, signal } = this.#deps;
    const call = new AbortController();
    const deadline = clock.timer(ANSWER_MAX_MS, () => call.abort());
    try {
      const answer = await keeper.judgeUnit({ service, unit }, { signal: AbortSignal.any([signal, call.signal]) });
      return answer.kind === 'fit' ? null : { reason: answer.reason, remedy: answer.remedy };
    } catch (error) {
      if (!signal.aborted) logger.debug({ err: error, service, unit }, 'the keeper does not say what the unit is');
      return this.#fault;
    } finally {
      deadline.stop();
    }
  }

  #take(unit: string, fault: UnitFault | null): void {
    const { service, logger, onChange } = this.#deps;
    if (fault?.reason === this.#fault?.reason) return;
    this.#fault = fault;
    if (fault === null) logger.info({ service, unit }, 'nothing is against starting the unit any more');
    else logger.warn({ service, unit, ...fault }, 'the unit cannot be started here as it is');
    onChange();
  }
}
