/** What differs between deployments: the content of `config.json`, which the deployment writes beside the console. */
export interface Configuration {
  stage: string;
  /** The path of the management API on this origin, such as `/api/v1`. */
  api: string;
  sign_in: {
    issuer: string;
    client_id: string;
    authorization_endpoint: string;
    token_endpoint: string;
    revocation_endpoint: string;
    logout_endpoint: string;
    /** Cognito's own API, which ends the sessions of a user on every device. */
    identity_endpoint: string;
  };
}

export async function loadConfiguration(): Promise<Configuration> {
  const response = await fetch("/config.json");
  if (!response.ok) {
    throw new Error(`The console's configuration (config.json) could not be read: status ${response.status}.`);
  }
  return (await response.json()) as Configuration;
}
