// Names of things, as aliases so that signatures say what a string means. All are validated where config is read.

/** Lower-case letters, digits and dashes; unique among the services of a cluster. */
export type ServiceId = string;
/** Lower-case letters, digits and dashes; unique among the nodes of a service. */
export type NodeId = string;
/** Lower-case letters, digits and dashes; unique among the probers of a cluster. */
export type ProberId = string;
/** Absolute, lower-case domain name with trailing dot. */
export type DomainName = string;
/** Unique id of one operation, sortable by start. */
export type OpId = string;
