// The part of dns-packet that tests and benchmarks use; the package brings no types.
declare module 'dns-packet' {
  export type PacketRecord = {
    readonly name: string;
    readonly type: string;
    readonly ttl?: number;
    readonly class?: string;
    readonly data?: unknown;
    readonly udpPayloadSize?: number;
  };
  export type Packet = {
    readonly id?: number;
    readonly type?: string;
    readonly flags?: number;
    readonly rcode?: string;
    readonly questions?: readonly { readonly name: string; readonly type: string; readonly class?: string }[];
    readonly answers?: readonly PacketRecord[];
    readonly authorities?: readonly PacketRecord[];
    readonly additionals?: readonly PacketRecord[];
  };
  export function decode(octets: Uint8Array, offset?: number): Required<Packet>;
  export function encode(packet: Packet): Buffer;
  export const AUTHORITATIVE_ANSWER: number;
}
