// Plain data: what may be stored, compared, frozen and sent between rooms.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
