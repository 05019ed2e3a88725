"""The web console on AWS: a private bucket, one origin for pages and API, strict headers, and its sign-in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infrastructure.console import headers
from infrastructure.review.template import readable
from tests.infrastructure.template_checks import Mutation, Template, assert_detects, only, resources

BUCKET, PART = "AWS::S3::Bucket", "ConsoleWebFiles"
DISTRIBUTION = "AWS::CloudFront::Distribution"
CONTROL = "AWS::CloudFront::OriginAccessControl"
ANSWERS = "AWS::CloudFront::ResponseHeadersPolicy"
CLIENT = "AWS::Cognito::UserPoolClient"
PAGES = Path(headers.__file__).with_name("pages.js")
# Quotas on headers of CloudFront: the longest value of a header.
LONGEST_HEADER = 1783


def _distribution(template: Template) -> dict[str, Any]:
    configuration: dict[str, Any] = only(template, DISTRIBUTION)["DistributionConfig"]
    return configuration


def _api(template: Template) -> dict[str, Any]:
    (behaviour,) = _distribution(template)["CacheBehaviors"]
    return dict(behaviour)


def _origin(template: Template, behaviour: dict[str, Any]) -> dict[str, Any]:
    (found,) = (each for each in _distribution(template)["Origins"] if each["Id"] == behaviour["TargetOriginId"])
    return dict(found)


def only_cloudfront_reads_the_bucket(template: Template) -> None:
    bucket = only(template, BUCKET, PART)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "WebsiteConfiguration" not in bucket
    (policy,) = (
        each
        for each in resources(template, "AWS::S3::BucketPolicy").values()
        if readable(each["Bucket"]) == f"<{PART}>"
    )
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert {each["Principal"]["Service"] for each in allowed} == {"cloudfront.amazonaws.com"}
    (distribution,) = resources(template, DISTRIBUTION)
    for each in allowed:
        assert distribution in json.dumps(each["Condition"]["StringEquals"]["AWS:SourceArn"])
    origin = _origin(template, _distribution(template)["DefaultCacheBehavior"])
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert origin["OriginAccessControlId"]
    control = only(template, CONTROL)["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")


def viewers_connect_by_tls_and_new_protocols(template: Template) -> None:
    distribution = _distribution(template)
    assert distribution["HttpVersion"] == "http2and3"
    assert distribution["DefaultRootObject"] == "index.html"
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert distribution["DefaultCacheBehavior"]["Compress"] is True
    assert _api(template)["ViewerProtocolPolicy"] == "https-only"


def the_api_is_at_the_same_origin_and_is_not_cached(template: Template) -> None:
    api = _api(template)
    assert api["PathPattern"] == "/api/*"
    assert set(api["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader
    assert "FunctionAssociations" not in api
    origin = _origin(template, api)
    assert readable(origin["DomainName"]) == "<WebhooksApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>"
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def every_answer_has_the_shared_headers(template: Template) -> None:
    (policy,) = resources(template, ANSWERS)
    for behaviour in (_distribution(template)["DefaultCacheBehavior"], _api(template)):
        assert behaviour["ResponseHeadersPolicyId"] == {"Ref": policy}
    assert _answered(template) == headers.security_headers(
        headers.content_security_policy(
            sign_in=[
                "https://<AccessUsersLoginPage>.auth.<AWS::Region>.amazoncognito.com",
                "https://cognito-idp.<AWS::Region>.amazonaws.com",
            ],
            uploads=["https://<StorageLibrary>"],
            files=["https://<StorageLibrary>", "https://<StorageMedia>"],
        )
    )


def _answered(template: Template) -> dict[str, str]:
    """The headers as a browser receives them."""
    configuration = only(template, ANSWERS)["ResponseHeadersPolicyConfig"]
    fields = configuration["SecurityHeadersConfig"]
    assert all(each["Override"] for each in [*fields.values(), *configuration["CustomHeadersConfig"]["Items"]])
    transport = fields["StrictTransportSecurity"]
    assert transport["IncludeSubdomains"] is True
    assert "ContentTypeOptions" in fields
    return {
        "Content-Security-Policy": readable(fields["ContentSecurityPolicy"]["ContentSecurityPolicy"]),
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": fields["FrameOptions"]["FrameOption"],
        "Referrer-Policy": fields["ReferrerPolicy"]["ReferrerPolicy"],
        **{each["Header"]: each["Value"] for each in configuration["CustomHeadersConfig"]["Items"]},
    }


def the_console_signs_in_by_code_and_keeps_no_secret(template: Template) -> None:
    client = only(template, CLIENT, "Console")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert set(client["AllowedOAuthScopes"]) == {"openid", "profile", "aws.cognito.signin.user.admin"}
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["EnableTokenRevocation"] is True
    own = only(template, CLIENT, "CommandLine")
    for each in ("AccessTokenValidity", "IdTokenValidity", "RefreshTokenValidity", "TokenValidityUnits"):
        assert client[each] == own[each]
    assert [readable(each) for each in client["CallbackURLs"]] == ["https://<ConsoleWebDistribution>/signed-in"]
    assert [readable(each) for each in client["LogoutURLs"]] == ["https://<ConsoleWebDistribution>/signed-out"]


def the_api_accepts_the_tokens_of_both_clients(template: Template) -> None:
    audience = only(template, "AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"]["Audience"]
    assert {readable(each) for each in audience} == {"<AccessUsersCommandLine>", "<AccessUsersConsole>"}


def _changed(kind: str, part: str, *path: Any, value: Any) -> Mutation:
    def mutate(template: Template) -> None:
        target: Any = only(template, kind, part)
        for each in path[:-1]:
            target = target[each]
        target[path[-1]] = value

    return mutate


DEFAULT = (DISTRIBUTION, "", "DistributionConfig", "DefaultCacheBehavior")
API = (DISTRIBUTION, "", "DistributionConfig", "CacheBehaviors", 0)
FIELDS = (ANSWERS, "", "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (
            only_cloudfront_reads_the_bucket,
            _changed(BUCKET, PART, "PublicAccessBlockConfiguration", "BlockPublicPolicy", value=False),
        ),
        (
            only_cloudfront_reads_the_bucket,
            _changed(CONTROL, "", "OriginAccessControlConfig", "SigningBehavior", value="never"),
        ),
        (viewers_connect_by_tls_and_new_protocols, _changed(*DEFAULT, "ViewerProtocolPolicy", value="allow-all")),
        (the_api_is_at_the_same_origin_and_is_not_cached, _changed(*API, "CachePolicyId", value="another")),
        (the_api_is_at_the_same_origin_and_is_not_cached, _changed(*API, "OriginRequestPolicyId", value="another")),
        (
            every_answer_has_the_shared_headers,
            _changed(
                *FIELDS, "ContentSecurityPolicy", "ContentSecurityPolicy", value="script-src 'self' 'unsafe-inline'"
            ),
        ),
        (every_answer_has_the_shared_headers, _changed(*API, "ResponseHeadersPolicyId", value={"Ref": "Another"})),
        (every_answer_has_the_shared_headers, _changed(*FIELDS, "FrameOptions", "FrameOption", value="SAMEORIGIN")),
        (
            the_console_signs_in_by_code_and_keeps_no_secret,
            _changed(CLIENT, "Console", "AllowedOAuthFlows", value=["implicit"]),
        ),
        (
            the_console_signs_in_by_code_and_keeps_no_secret,
            _changed(CLIENT, "Console", "RefreshTokenValidity", value=43200),
        ),
        (
            the_api_accepts_the_tokens_of_both_clients,
            _changed("AWS::ApiGatewayV2::Authorizer", "", "JwtConfiguration", "Audience", value=[]),
        ),
    ],
)
def test_the_console_is_private_and_strict(template: Template, check: Any, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)


def test_no_script_or_style_is_allowed_inline() -> None:
    policy = headers.content_security_policy(sign_in=[], uploads=[], files=[])
    assert "unsafe" not in policy
    directives = dict(each.split(" ", 1) for each in policy.split("; "))
    assert (directives["default-src"], directives["frame-ancestors"]) == ("'none'", "'none'")
    assert (directives["script-src"], directives["style-src"]) == ("'self'", "'self'")


def test_the_policy_fits_into_a_header_with_the_longest_names_of_buckets() -> None:
    bucket = f"https://{'b' * 63}.s3.ap-southeast-1.amazonaws.com"
    policy = headers.content_security_policy(
        sign_in=[
            f"https://chatflow-{'0' * 36}.auth.ap-southeast-1.amazoncognito.com",
            "https://cognito-idp.ap-southeast-1.amazonaws.com",
        ],
        uploads=[bucket],
        files=[bucket, bucket],
    )
    assert len(policy) <= LONGEST_HEADER


PATHS = {
    "/": "/index.html",
    "/flows": "/index.html",
    "/flows/insurance_claim": "/index.html",
    "/assets": "/index.html",
    "/signed-in": "/index.html",
    "/sessions/c_1/s_2/": "/index.html",
    "/index.html": "/index.html",
    "/config.json": "/config.json",
    "/assets/index-DzEME9r0.js": "/assets/index-DzEME9r0.js",
    "/assets/gone.js": "/assets/gone.js",
    "/v1.2/flows": "/index.html",
}


def test_pages_are_answered_with_index_html_and_files_with_themselves(template: Template) -> None:
    function = only(template, "AWS::CloudFront::Function")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    requests = json.dumps([{"request": {"uri": path, "method": "GET"}} for path in PATHS])
    script = f"{function['FunctionCode']}\nconsole.log(JSON.stringify({requests}.map((event) => handler(event).uri)))"
    run = subprocess.run([_node(), "-e", script], capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(run.stdout) == list(PATHS.values())


def _node() -> str:
    program = shutil.which("node")
    assert program, "Node.js is not installed: the CDK needs it as well"
    return program


def test_the_local_stack_has_the_same_rule_for_pages() -> None:
    assert {path: "/index.html" if headers.is_page(path) else path for path in PATHS} == PATHS


def test_the_configuration_names_what_the_page_signs_in_with(template: Template) -> None:
    """console/src/app/configuration.ts reads it."""
    files = only(template, "Custom::ConsoleFiles")
    written = {key: readable(value) for key, value in files["Configuration"]["sign_in"].items()}
    page = "https://<AccessUsersLoginPage>.auth.<AWS::Region>.amazoncognito.com"
    assert (files["Configuration"]["stage"], files["Configuration"]["api"]) == ("dev", "/api/v1")
    assert written == {
        "issuer": "https://cognito-idp.<AWS::Region>.amazonaws.com/<AccessUsers>",
        "client_id": "<AccessUsersConsole>",
        "authorization_endpoint": f"{page}/oauth2/authorize",
        "token_endpoint": f"{page}/oauth2/token",
        "revocation_endpoint": f"{page}/oauth2/revoke",
        "logout_endpoint": f"{page}/logout",
        "identity_endpoint": "https://cognito-idp.<AWS::Region>.amazonaws.com/",
    }


def test_the_name_of_the_login_page_is_the_stacks_own_and_stable(template: Template) -> None:
    domain = only(template, "AWS::Cognito::UserPoolDomain")["Domain"]
    stack_id = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    assert domain == {"Fn::Join": ["", ["chatflow-", stack_id]]}


def test_the_consoles_address_is_an_output(template: Template, configured: Template) -> None:
    assert readable(template["Outputs"]["ConsoleUrl"]["Value"]) == "https://<ConsoleWebDistribution>"
    assert configured["Outputs"]["ConsoleUrl"]["Value"] == "https://chatflow.example.com"


def _types(template: Template) -> set[str]:
    return {each["Type"] for each in template["Resources"].values()}


def test_a_console_that_another_origin_serves_has_a_client_and_nothing_else(configured: Template) -> None:
    assert not {kind for kind in _types(configured) if "CloudFront" in kind or kind == "Custom::ConsoleFiles"}
    client = only(configured, CLIENT, "Console")
    assert client["CallbackURLs"] == ["https://chatflow.example.com/signed-in"]
    assert client["LogoutURLs"] == ["https://chatflow.example.com/signed-out"]
    the_api_accepts_the_tokens_of_both_clients(configured)


def test_without_a_console_there_is_nothing_of_it(with_existing_key: Template) -> None:
    assert not {kind for kind in _types(with_existing_key) if "CloudFront" in kind or "UserPoolDomain" in kind}
    assert [name[:-8] for name in resources(with_existing_key, CLIENT)] == ["AccessUsersCommandLine"]
    assert not [each for each in with_existing_key["Resources"] if each.startswith("Console")]
    assert not [each for each in with_existing_key["Outputs"] if each.startswith("Console")]


@pytest.mark.parametrize(("files", "words"), [([], "run make ready"), (["index.html", "tool.exe"], "tool.exe")])
def test_a_build_that_is_missing_or_has_unknown_files_stops_the_synth(
    tmp_path: Path, files: list[str], words: str
) -> None:
    from infrastructure.configuration import Misconfigured
    from infrastructure.console.files import check_build

    for name in [*files, ".built"]:
        (tmp_path / name).write_text("")
    with pytest.raises(Misconfigured, match=words):
        check_build(tmp_path)
