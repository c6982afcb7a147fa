/**
 * How a prober stands to the configuration in force (S7). `differs`: its own file is another text, which does not count.
 * `unloadable`: it cannot load the record in force, so it runs with its own file, and neither votes nor leads.
 */
export type ConfigStanding = 'inForce' | 'differs' | 'unloadable';
