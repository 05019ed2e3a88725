import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { ApiUnreachable } from "../api/problems";
import type { Configuration } from "./configuration";

const SIGNED_OUT = "chatflow-signed-out";

/** The signed-in user of this tab: an authorization code with PKCE, renewed by its refresh token. */
export class Session {
  readonly #manager: UserManager;
  readonly #configuration: Configuration["sign_in"];
  readonly #tabs = new BroadcastChannel("chatflow-session");
  #renewal: Promise<User | null> | null = null;

  constructor(configuration: Configuration) {
    const { sign_in: signIn } = configuration;
    this.#configuration = signIn;
    const here = window.location.origin;
    this.#manager = new UserManager({
      authority: signIn.issuer,
      // Not by discovery: the document of an emulated pool names an issuer that does not answer.
      metadata: {
        issuer: signIn.issuer,
        authorization_endpoint: signIn.authorization_endpoint,
        token_endpoint: signIn.token_endpoint,
        revocation_endpoint: signIn.revocation_endpoint,
      },
      client_id: signIn.client_id,
      redirect_uri: `${here}/signed-in`,
      scope: "openid profile aws.cognito.signin.user.admin",
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      automaticSilentRenew: false,
      loadUserInfo: false,
    });
    this.#tabs.onmessage = (message) => {
      if (message.data === SIGNED_OUT) void this.#forget();
    };
  }

  /** A token that is valid for at least another minute; null when the user must sign in again. */
  async token(): Promise<string | null> {
    const user = await this.#manager.getUser();
    if (!user) return null;
    if ((user.expires_in ?? 0) > 60) return user.access_token;
    return (await this.renew())?.access_token ?? null;
  }

  /** Exchange the refresh token. Callers at the same time share one exchange. */
  renew(): Promise<User | null> {
    this.#renewal ??= this.#manager
      .signinSilent()
      .catch(() => null)
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  /** Leave for the sign-in page; the user comes back to where they were. */
  async signIn(): Promise<void> {
    const { pathname, search, hash } = window.location;
    const back = pathname.startsWith("/signed-") ? "/" : `${pathname}${search}${hash}`;
    await this.#manager.signinRedirect({ state: back });
  }

  /** Finish a sign-in; returns the path to go on at. */
  async finishSignIn(): Promise<string> {
    const user = await this.#manager.signinCallback();
    const back = user?.state;
    // Only a path of this console: the value came back through the address bar.
    return typeof back === "string" && /^\/(?!\/)/.test(back) ? back : "/";
  }

  /**
   * End the session in every tab of this browser and at the user pool; with `everywhere` on every device. Throws
   * ApiUnreachable when the other devices could not be signed out; then this one is still signed in.
   */
  async signOut({ everywhere = false } = {}): Promise<void> {
    const token = everywhere ? await this.token() : null;
    if (token) await this.#signOutEverywhere(token);
    else await this.#manager.revokeTokens(["refresh_token"]).catch(() => undefined);
    await this.#manager.removeUser();
    this.#tabs.postMessage(SIGNED_OUT);
    const query = new URLSearchParams({
      client_id: this.#configuration.client_id,
      logout_uri: `${window.location.origin}/signed-out`,
    });
    window.location.assign(`${this.#configuration.logout_endpoint}?${query}`);
  }

  async #signOutEverywhere(token: string): Promise<void> {
    const answer = await fetch(this.#configuration.identity_endpoint, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.GlobalSignOut",
      },
      body: JSON.stringify({ AccessToken: token }),
    }).catch(() => null);
    if (!answer?.ok) throw new ApiUnreachable();
  }

  async #forget(): Promise<void> {
    await this.#manager.removeUser();
    window.location.assign("/signed-out");
  }
}
