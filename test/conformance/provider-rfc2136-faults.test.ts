// What can go wrong with dynamic updates, on each of the three servers.
import { startBind } from '../support/servers/bind-server.ts';
import { startKnot } from '../support/servers/knot-server.ts';
import { startPowerDns } from '../support/servers/powerdns-server.ts';
import { describeUpdateFaults } from './update-faults.ts';

describeUpdateFaults('BIND', { start: startBind, explainsKeys: true, signsRefusals: true });
describeUpdateFaults('Knot DNS', { start: startKnot, explainsKeys: true, signsRefusals: false });
describeUpdateFaults('PowerDNS', { start: startPowerDns, explainsKeys: false, signsRefusals: true });
