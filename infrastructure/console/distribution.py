"""The console's address: a private bucket with its files and, at the same origin, the management API."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure.api.webhook_api import WebhookApi
from infrastructure.console import headers
from infrastructure.data.storage import Storage
from infrastructure.security import nag

_PAGES: Final = Path(__file__).with_name("pages.js")
_API: Final = "/api/*"
_API_SECONDS: Final = 35  # API Gateway answers after 30 at the latest
_FIELDS: Final = {
    "Content-Security-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


class Distribution(Construct):
    """CloudFront alone reads the bucket. One origin for pages and API: no browser needs a permission of CORS."""

    def __init__(
        self, scope: Construct, name: str, *, storage: Storage, webhooks: WebhookApi, login_page: str, identity: str
    ) -> None:
        """`login_page` and `identity`: the origins that the console's script calls to sign in and out."""
        super().__init__(scope, name)
        self.bucket = s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # With a customer-managed key, CloudFront would be in the policy of the key for customers' data. These files
            # are the build of public code.
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.DESTROY,  # in every stage: each deploy makes its content anew
            server_access_logs_bucket=storage.access_logs,
            server_access_logs_prefix="console/",
        )
        policy = headers.content_security_policy(
            sign_in=[login_page, identity],
            uploads=[_address(storage.asset_bucket)],
            files=[_address(storage.asset_bucket), _address(storage.media_bucket)],
        )
        answers = _answers(self, headers.security_headers(policy))
        pages = cloudfront.Function(
            self,
            "Pages",
            code=cloudfront.FunctionCode.from_file(file_path=str(_PAGES)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Answers each page of the console with index.html.",
        )
        https = cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS
        self.resource = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{Stack.of(self).stack_name}: the web console",
            default_root_object=headers.INDEX,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            default_behavior=cloudfront.BehaviorOptions(
                # Who may list a bucket is told of a missing object by 404 instead of 403. The function above leaves no
                # request that lists.
                origin=origins.S3BucketOrigin.with_origin_access_control(
                    self.bucket, origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST]
                ),
                viewer_protocol_policy=https,
                # Caches as each file's Cache-Control says, no-cache for a second at most.
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                compress=True,
                response_headers_policy=answers,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=pages
                    )
                ],
            ),
            additional_behaviors={
                _API: cloudfront.BehaviorOptions(
                    origin=origins.HttpOrigin(
                        f"{webhooks.api.api_id}.execute-api.{Stack.of(self).region}.{Stack.of(self).url_suffix}",
                        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                        read_timeout=Duration.seconds(_API_SECONDS),
                    ),
                    allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                    viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                    cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                    # API Gateway finds an API by its host name, which the viewer's would replace.
                    origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                    response_headers_policy=answers,
                )
            },
        )
        self.origin = f"https://{self.resource.distribution_domain_name}"
        _waive(self.resource)


def _address(bucket: s3.Bucket) -> str:
    """The origin to which signed links and upload forms lead (chatflow/adapters/aws/botocore_clients.py)."""
    return f"https://{bucket.bucket_regional_domain_name}"


def _answers(scope: Construct, values: dict[str, str]) -> cloudfront.ResponseHeadersPolicy:
    """The policy that adds these headers to every answer, instead of the origin's.

    CloudFront takes the best-known of them only as fields of their own: a test compares what it makes of them.
    """
    fields = cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=values["Content-Security-Policy"], override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=cloudfront.ResponseHeadersFrameOptions(
            frame_option=cloudfront.HeadersFrameOption.DENY, override=True
        ),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
        ),
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.seconds(headers.HSTS_SECONDS), include_subdomains=True, override=True
        ),
    )
    others = [
        cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
        for name, value in values.items()
        if name not in _FIELDS
    ]
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Answers",
        comment=f"{Stack.of(scope).stack_name}: the web console's headers",
        security_headers_behavior=fields,
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=others),
    )


def _waive(distribution: cloudfront.Distribution) -> None:
    reason = "The console is used wherever its users are; they sign in."
    nag.waive(distribution, "AwsSolutions-CFR1", reason)
    reason = "Decision 0012: the files are public code, and the API behind it is throttled and asks for a token."
    nag.waive(distribution, "AwsSolutions-CFR2", reason)
    reason = "The API has a log of its own; one of static files would hold viewers' addresses and answer no question."
    nag.waive(distribution, "AwsSolutions-CFR3", reason)
    reason = "CloudFront's own certificate allows no other setting than TLSv1; browsers use 1.2 and 1.3."
    nag.waive(distribution, "AwsSolutions-CFR4", reason)
