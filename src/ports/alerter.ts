// How people are told: one contract for commands and webhooks. What is worth telling, and again, is decided above it.

/** Plain data: what channels send is made of nothing else. */
export type AlertMessage = {
  /** Stable for one condition, such as "web:S17.proof-missing:<opId>". */
  readonly id: string;
  readonly cluster: string;
  readonly service: string;
  readonly level: 'info' | 'warning' | 'critical';
  /** `open` comes again until it is acknowledged, `resolved` once at its end, `event` once. */
  readonly state: 'event' | 'open' | 'resolved' | 'test';
  /** How often this condition was told, this time included: 1 is the first. */
  readonly count: number;
  readonly subject: string;
  readonly rule: string | null;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly wallMs: number;
  readonly prober: string;
};

/** `sent`: the channel took it, which is not yet that somebody read it. */
export type AlertOutcome = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly reason: string };

export type Alerter = {
  readonly name: string;
  /** Never rejects, and answers within the channel's own time limit or as soon as the signal aborts. */
  readonly send: (message: AlertMessage, options: { readonly signal: AbortSignal }) => Promise<AlertOutcome>;
};
