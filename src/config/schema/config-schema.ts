// The sections of the file. Each is read on its own, so that a mistake in one does not hide those in another.
import * as z from 'zod';
import { alertsSchema } from './alerts-schema.ts';
import { clusterSchema } from './cluster-schema.ts';
import { dnsSchema } from './dns-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { serviceSchema } from './service-schema.ts';
import { strictKeys } from './strict-keys.ts';

export const configSchema = strictKeys({
  cluster: clusterSchema.meta({ description: 'probers, store and timing' }),
  dns: dnsSchema.prefault({}).meta({ description: 'name servers and zones' }),
  providers: z.record(z.string(), providerSchema).prefault({}).meta({
    description: 'places where DNS records live, by name; `builtin` is always there',
  }),
  services: z.record(z.string(), serviceSchema).prefault({}).meta({ description: 'services, by id' }),
  alerts: alertsSchema.prefault({}).meta({ description: 'how people are told, beside the log' }),
});
