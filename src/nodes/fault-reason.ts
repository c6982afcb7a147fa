// A fault as the text of a result: what failed, with its code in front and what to do about it behind.
import { OneupError } from '../base/oneup-error.ts';

export function faultReason(error: unknown): string {
  if (error instanceof OneupError) return `${error.code}: ${error.message}; ${error.remedy}`;
  return `Cannot act: ${error instanceof Error ? error.message : String(error)}`;
}
