/** A column of the events' model, named as in Microsoft Defender's DeviceNetworkEvents. */
export interface ModelColumn {
  name: string;
  required: boolean;
}

/** The model's columns, for a mapping that is made before the server can be asked. It is the back end's list. */
export const MODEL: ModelColumn[] = [
  { name: 'Timestamp', required: true },
  { name: 'DeviceId', required: true },
  { name: 'DeviceName', required: true },
  { name: 'ActionType', required: true },
  { name: 'RemoteIP', required: true },
  { name: 'RemotePort', required: false },
  { name: 'RemoteUrl', required: true },
  { name: 'Protocol', required: false },
  { name: 'LocalIP', required: false },
  { name: 'InitiatingProcessFileName', required: false },
  { name: 'InitiatingProcessAccountName', required: false },
  { name: 'SentBytes', required: false },
  { name: 'ReceivedBytes', required: false },
  { name: 'SentPackets', required: false },
  { name: 'ReceivedPackets', required: false },
  { name: 'DurationMs', required: false },
  { name: 'InitiatingProcessFolderPath', required: false },
  { name: 'NameSource', required: false },
  { name: 'Source', required: false },
];
