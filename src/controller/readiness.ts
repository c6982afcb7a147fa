// What the last prechecks of the standbys said, told by the controller to every prober: a precheck is in the mind of whoever
// leads, and `plan` can be asked of anybody. The records go with the session of the prober that told them.
import { z } from 'zod';
import type { NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { LocalState, Precheck } from '../failover/service-state.ts';
import type { StoreView } from '../ports/store-view.ts';

export const readinessSchema = z.strictObject({
  ok: z.boolean(),
  /** Bounded by the driver that ran the precheck. */
  reason: z.string(),
  lag: z.number().nullable(),
  /** When it began to say so; for people. */
  sinceWallMs: z.number(),
});
export type Readiness = z.infer<typeof readinessSchema>;

type TellerOptions = {
  readonly id: ProberId;
  readonly keys: StoreKeys;
  readonly clock: { readonly wallMs: () => number };
  /** Keeps a record of this prober's session; null removes it. */
  readonly report: (key: string, value: string | null) => void;
};

/** Of one term. A precheck that says what the one before said is not told again: the store grows busy with changes only. */
export class ReadinessTeller {
  readonly #options: TellerOptions;
  readonly #told = new Map<string, Precheck>();
  readonly #seen = new Map<ServiceId, LocalState['prechecks']>();

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  note(service: ServiceId, prechecks: LocalState['prechecks']): void {
    if (this.#seen.get(service) === prechecks) return;
    this.#seen.set(service, prechecks);
    for (const [node, precheck] of Object.entries(prechecks)) this.#tell(service, node, precheck);
  }

  /** Whoever leads next has asked nobody yet. */
  end(): void {
    for (const key of this.#told.keys()) this.#options.report(key, null);
    this.#told.clear();
  }

  #tell(service: ServiceId, node: NodeId, precheck: Precheck): void {
    const { id, keys, clock, report } = this.#options;
    const key = keys.readiness(id, service, node);
    const told = this.#told.get(key);
    const { ok, reason, lag } = precheck;
    if (told?.ok === ok && told.reason === reason && told.lag === lag) return;
    this.#told.set(key, precheck);
    report(key, JSON.stringify({ ok, reason, lag, sinceWallMs: clock.wallMs() } satisfies Readiness));
  }
}

/** By node, as the controller of the moment told it; a record that cannot be read tells nothing. */
export function readReadiness(
  { keys, view }: { readonly keys: StoreKeys; readonly view: StoreView },
  service: ServiceConfig,
): Readonly<Record<NodeId, Readiness>> {
  const controller = controllerSchema.safeParse(parsed(view.get(keys.controller)?.value));
  if (!controller.success) return {};
  const found = service.nodes.flatMap(({ id }) => {
    const told = readinessSchema.safeParse(
      parsed(view.get(keys.readiness(controller.data.prober, service.id, id))?.value),
    );
    return told.success ? [[id, told.data] as const] : [];
  });
  return Object.fromEntries(found);
}

const controllerSchema = z.object({ prober: z.string() });

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
