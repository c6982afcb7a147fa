// The first quarter of the two thousand seeds that every change must hold.
import { holdRange } from './hold-range.ts';

holdRange(1, 500);
