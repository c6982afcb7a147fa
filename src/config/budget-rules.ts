// Rules about the budget of calls: something is left beside the reserve, and what is one account has one budget.
import type { ConfigFinding } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const BUDGET_RULES: readonly ConfigRule[] = [reserveLeavesSomething, accountHasOneBudget];

function reserveLeavesSomething({ providers }: RuleDraft): readonly ConfigFinding[] {
  return (providers ?? []).flatMap((provider) => {
    if (provider.kind === 'builtin' || provider.budget === null) return [];
    const { calls, reserve } = provider.budget;
    if (reserve < calls / 2) return [];
    return [
      {
        path: ['providers', provider.name, 'budget', 'reserve'],
        reason: `${reserve} of ${calls} calls are kept for failovers, which leaves none for anything else: at most half are there at once`,
        remedy: `Write less than ${calls / 2}`,
      },
    ];
  });
}

function accountHasOneBudget({ providers }: RuleDraft): readonly ConfigFinding[] {
  return (providers ?? []).flatMap((provider, index) => {
    if (provider.kind === 'builtin') return [];
    const first = (providers ?? [])
      .slice(0, index)
      .find((other) => other.kind !== 'builtin' && other.account === provider.account);
    if (first === undefined || first.kind === 'builtin') return [];
    if (JSON.stringify(first.budget) === JSON.stringify(provider.budget)) return [];
    return [
      {
        path: ['providers', provider.name, 'budget'],
        reason: `providers ${first.name} and ${provider.name} share account ${provider.account} and have different budgets`,
        remedy: 'Write the same budget for both, or give each an account of its own',
      },
    ];
  });
}
