/** Who makes a request. Until access control exists every caller is anonymous and may do everything. */
export type Principal = { kind: 'anonymous' };

export const anonymous: Principal = { kind: 'anonymous' };
