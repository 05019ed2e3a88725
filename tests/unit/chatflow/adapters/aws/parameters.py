"""Parameters of every operation that we call: made from botocore's model, and by hand where a path or a header holds
them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.chatflow.adapters.aws.called_operations import called

# Half of a surrogate pair is text, too: a phone may cut an emoji in two.
TEXT = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=st.characters(exclude_categories=()), max_size=4),
    st.sampled_from(["", " ", "é ☃ 😀", 'quotes " and \\', "a\nb\tc\r\x00", "%2F+ ~/&=;<>", "x" * 3_000, "\ud83d"]),
)
# Parts of a path. Nothing is named "." or "..", which are no names to services other than S3.
_ENCODABLE = st.one_of(
    st.text(max_size=12).filter(lambda text: text not in (".", "..")),
    st.sampled_from(["a/b", "dGVzdA=", "é ☃ 😀", "%2F+ ~&=;?#@:"]),
)
_HOSTILE_KEYS = [
    "a b+c%20d~e", "//double//", "a/../b/./c", "ü/☃.jpg", "q?x=1&y=2#z", "it's \"quoted\"",
    "line\nbreak", "a:b@c;d=e,f", "*!()[]{}|\\^`<>", "x" * 1_000, "trailing/", ".", "media/c_1/s_1/1-x",
]  # fmt: skip
_KEYS = st.one_of(
    st.sampled_from(_HOSTILE_KEYS),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9),
)
_NUMBERS = st.one_of(st.sampled_from(["0", "-1", "3.14", "1e-130", "9" * 38]), st.integers().map(str))
_SCALARS = st.one_of(
    TEXT.map(lambda value: {"S": value}),
    _NUMBERS.map(lambda value: {"N": value}),
    st.binary(max_size=20).map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(TEXT, max_size=3).map(lambda value: {"SS": value}),
    st.lists(_NUMBERS, max_size=3).map(lambda value: {"NS": value}),
    st.lists(st.binary(max_size=5), max_size=3).map(lambda value: {"BS": value}),
)
ATTRIBUTES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda value: {"L": value}),
        # Keys that look like types, with values that look like attributes.
        st.dictionaries(st.one_of(TEXT, st.sampled_from(["B", "M", "S"])), inner, max_size=3).map(
            lambda value: {"M": value}
        ),
    ),
    max_leaves=5,
)


def parameters_of(service: str, model: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of an operation of botocore's model. Raises KeyError for one of S3's that is not described here."""
    if service == "s3":
        return _S3[model.name]
    return of_shape(model.input_shape)


def of_shape(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a shape. A structure has the members that it needs, and of the others those whose names we use."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    match shape.type_name:
        case "structure" if shape.name == "AttributeValue":
            return ATTRIBUTES
        case "structure":
            members = {name: of_shape(each) for name, each in shape.members.items() if name in called().names}
            needed = {name: of_shape(shape.members[name]) for name in shape.required_members}
            return st.fixed_dictionaries(needed, optional={name: members[name] for name in members.keys() - needed})
        case "list":
            return st.lists(of_shape(shape.member), min_size=least or 0, max_size=max(least or 0, 2))
        case "map":
            return st.dictionaries(TEXT.filter(bool), of_shape(shape.value), min_size=least or 0, max_size=2)
        case "string" if shape.enum:
            return st.sampled_from(list(shape.enum))
        case "string":
            text = _ENCODABLE if shape.serialization.get("location") else TEXT
            return text.filter(lambda text: len(text) >= (least or 0))
        case "integer" | "long":
            return st.integers(int(least or 0), int(most or 2**31 - 1))
        case "boolean":
            return st.booleans()
        case "blob":
            return st.binary(max_size=40)
    raise AssertionError(f"{shape.name} is a {shape.type_name}, which our client does not write")


def _s3(needed: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    target = {"Bucket": st.sampled_from(["media-1", "with.dot", "a" * 63]), "Key": _KEYS}
    return st.fixed_dictionaries({**target, **needed}, optional=optional)


# XML has no control characters.
_TAGS = st.one_of(
    st.sampled_from(["", "state", "a b+c%20", "<&>\"'", "é ☃ 😀", "]]>"]),
    st.text(st.characters(exclude_categories=("Cc", "Cn", "Co", "Cs")), max_size=9),
)
_MIME = st.sampled_from(["image/jpeg", "text/plain; charset=utf-8", "application/vnd.x+json", ' a/b;  c="d" '])
_TAGGING = st.sampled_from(["state=new", "state=new&retention=30", "a%20b=%C3%BC%2B", ""])
_BODY = st.one_of(st.binary(max_size=64), st.binary(max_size=64).map(bytearray))
_UPLOAD = {"UploadId": st.sampled_from(["u", "2~VmVyc2lvbg==", "a+b/c=d e&f"])}
_S3 = {
    "GetObject": _s3({}, Range=st.sampled_from(["bytes=0-0", "bytes=5-", "bytes=-7", "bytes=0-18446744073709551615"])),
    "DeleteObject": _s3({}),
    "PutObject": _s3({"Body": _BODY}, ContentType=_MIME, Tagging=_TAGGING),
    "PutObjectTagging": _s3(
        {
            "Tagging": st.fixed_dictionaries(
                {"TagSet": st.lists(st.fixed_dictionaries({"Key": _TAGS.filter(bool), "Value": _TAGS}), max_size=3)}
            )
        }
    ),
    "CreateMultipartUpload": _s3({}, ContentType=_MIME, Tagging=_TAGGING),
    "UploadPart": _s3({**_UPLOAD, "PartNumber": st.integers(1, 10_000), "Body": _BODY}),
    "CompleteMultipartUpload": _s3(
        {
            **_UPLOAD,
            "MultipartUpload": st.fixed_dictionaries(
                {
                    "Parts": st.lists(
                        st.fixed_dictionaries(
                            {"PartNumber": st.integers(1, 10_000), "ETag": st.sampled_from(['"a"', "<&>'", '"1-2"'])}
                        ),
                        min_size=1,
                        max_size=3,
                    )
                }
            ),
        }
    ),
    "AbortMultipartUpload": _s3(_UPLOAD),
}
