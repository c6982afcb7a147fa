// The order of everything that is done to a node (S12): a higher position supersedes, a lower one is refused.

export type StepPosition = {
  readonly generation: number;
  readonly epoch: number;
  readonly step: number;
  /** 0, but for the levels of a fence ladder, which may share one step: level n is part n. */
  readonly part: number;
};

/** Negative when `a` comes before `b`, zero when they are the same step. */
export function comparePositions(a: StepPosition, b: StepPosition): number {
  return a.generation - b.generation || a.epoch - b.epoch || a.step - b.step || a.part - b.part;
}

export function describePosition({ generation, epoch, step, part }: StepPosition): string {
  return `generation ${generation}, epoch ${epoch}, step ${step}${part === 0 ? '' : `, level ${part}`}`;
}
