// The version that `oneup version`, the prober's record and the API show.

export const VERSION = '0.1.0';
