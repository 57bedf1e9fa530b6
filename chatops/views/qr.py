"""A text as a QR picture, to be read from one screen by the camera of another."""

import io

from chatops.messages import Attachment

#: Pixels to a module: large enough after what platforms do to pictures.
SCALE = 8
#: Modules of white around it, as readers need (ISO/IEC 18004, 9.1).
BORDER = 4


def qr(text: str, name: str) -> Attachment:
    """A PNG, black on white whatever the theme."""
    # Here, since its tables take long to make and most of what starts draws none.
    import segno

    picture = io.BytesIO()
    segno.make(text, micro=False, error="m", boost_error=False).save(
        picture, kind="png", scale=SCALE, border=BORDER, dark="black", light="white"
    )
    return Attachment(name, picture.getvalue(), is_picture=True)
