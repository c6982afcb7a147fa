/** A generation, a term or an epoch a second for 30,000 years. What is found above it is nobody's count, and leaves no room for the next within 15 digits. */
export const COUNT_MAX = 1_000_000_000_000;
