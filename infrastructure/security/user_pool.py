"""The users of the management API: a Cognito user pool without sign-up, with the roles as its groups."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.security import nag

# What each group may do; functions/management/http/auth.py has their order.
ROLES: Final = {
    "viewer": "Sees everything but secrets and the audit",
    "editor": "Changes assets, flows, routes and integrations; starts and stops sessions",
    "admin": "Does everything: secrets, forced deletions, the audit",
}
# What all clients have in common: a command line and a browser keep no secret.
_TOKENS: Final[dict[str, Any]] = {
    "generate_secret": False,
    "access_token_validity": Duration.minutes(30),
    "id_token_validity": Duration.minutes(30),
    "refresh_token_validity": Duration.days(1),
    "enable_token_revocation": True,
    "prevent_user_existence_errors": True,
}


class UserPool(Construct):
    """Tokens are valid for half an hour and renewed for a day: a user who is disabled is out within half an hour."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration) -> None:
        super().__init__(scope, name)
        self.pool = cognito.UserPool(
            self,
            "Users",
            user_pool_name=configuration.stack_name,
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True),  # the name that an administrator gives
            sign_in_case_sensitive=False,
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(7),
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=configuration.keeps_data,
            removal_policy=configuration.removal,
        )
        reason = "A second factor is offered and each user decides; an operator may require it in the pool."
        nag.waive(self.pool, "AwsSolutions-COG2", reason)
        reason = "Threat protection is part of a paid plan; users are few, and none of them signs up alone."
        nag.waive(self.pool, "AwsSolutions-COG3", reason)
        nag.waive(self.pool, "AwsSolutions-COG8", reason)
        groups = {role: self._group(role, description) for role, description in ROLES.items()}
        self.client = self.pool.add_client(
            "CommandLine",
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            disable_o_auth=True,
            **_TOKENS,
        )
        self.client_ids = [self.client.user_pool_client_id]
        if configuration.admin_email:
            self._create_admin(configuration.admin_email, groups["admin"])

    @property
    def issuer(self) -> str:
        """The issuer in the tokens of this pool."""
        return f"https://cognito-idp.{Stack.of(self).region}.amazonaws.com/{self.pool.user_pool_id}"

    def add_login_page(self) -> str:
        """Have Cognito serve a login page; returns its origin.

        The prefix of its name is unique in the region, stable as the stack's id, and has none of the words that Cognito
        refuses there ("aws", "amazon", "cognito"), which a stage's name might have.
        """
        stack = Stack.of(self)
        unique = Fn.select(2, Fn.split("/", stack.stack_id))
        domain = self.pool.add_domain(
            "LoginPage", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=f"chatflow-{unique}")
        )
        return domain.base_url()

    def add_browser_client(self, name: str, origin: str) -> cognito.UserPoolClient:
        """A client for a web page of this origin: it signs in at the login page, by code and PKCE.

        PKCE is the client's part: Cognito checks the verifier of each code that was requested with a challenge.
        """
        client = self.pool.add_client(
            name,
            # No password reaches Cognito through this client but by the login page.
            auth_flows=cognito.AuthFlow(user_password=False),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.PROFILE, cognito.OAuthScope.COGNITO_ADMIN],
                callback_urls=[f"{origin}/signed-in"],
                logout_urls=[f"{origin}/signed-out"],
            ),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            **_TOKENS,
        )
        self.client_ids.append(client.user_pool_client_id)
        return client

    def _group(self, role: str, description: str) -> cognito.CfnUserPoolGroup:
        return cognito.CfnUserPoolGroup(
            self, role.capitalize(), user_pool_id=self.pool.user_pool_id, group_name=role, description=description
        )

    def _create_admin(self, email: str, group: cognito.CfnUserPoolGroup) -> None:
        """Cognito mails a password for the first sign-in."""
        user = cognito.CfnUserPoolUser(
            self,
            "FirstAdmin",
            user_pool_id=self.pool.user_pool_id,
            username=email,
            desired_delivery_mediums=["EMAIL"],
            user_attributes=[
                cognito.CfnUserPoolUser.AttributeTypeProperty(name="email", value=email),
                cognito.CfnUserPoolUser.AttributeTypeProperty(name="email_verified", value="true"),
            ],
        )
        membership = cognito.CfnUserPoolUserToGroupAttachment(
            self, "FirstAdminIsAdmin", user_pool_id=self.pool.user_pool_id, username=email, group_name="admin"
        )
        membership.node.add_dependency(user, group)
