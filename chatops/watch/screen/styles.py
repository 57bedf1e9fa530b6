"""Where each panel stands, by the size of the terminal."""

from chatops.watch.screen.colours import ACCENT, ASKING, BACKGROUND, FAINT, INK, LINE, PANEL

CSS = f"""
Screen {{ background: {BACKGROUND}; color: {INK}; }}
Board {{
    background: {BACKGROUND}; color: {INK}; border: round {LINE}; padding: 0 1;
    border-title-color: {FAINT}; border-title-style: none;
    scrollbar-color: {LINE}; scrollbar-background: {BACKGROUND};
    scrollbar-color-hover: {FAINT}; scrollbar-background-hover: {BACKGROUND};
}}
Board:focus {{ border: round {ACCENT}; border-title-color: {ACCENT}; }}
#header {{ height: 5; }}
#body {{ height: 1fr; layout: horizontal; }}
#left {{ width: 1fr; }}
#right {{ width: 60; }}
#positions {{ height: auto; min-height: 12; max-height: 55%; }}
#legs {{ height: 9; }}
#timeline {{ height: 1fr; }}
#portfolio {{ height: auto; max-height: 65%; }}
#funding {{ height: 1fr; }}
Question {{ align: center middle; background: {BACKGROUND} 60%; }}
Question #box {{
    width: 72; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
    background: {PANEL}; border: heavy {ASKING}; border-title-style: bold; border-title-color: {ASKING};
}}
Question.-settled #box {{ border: heavy {ACCENT}; border-title-color: {ACCENT}; }}
Question Static {{ width: 1fr; height: auto; }}
Question Input {{ margin-top: 1; }}
Question #keys {{ margin-top: 1; }}
Footer {{ background: {PANEL}; }}
FooterKey .footer-key--key {{ color: {ACCENT}; }}
Toast {{ background: {PANEL}; }}

.-narrow Board {{ border: none; border-top: solid {LINE}; padding: 0; }}
.-narrow Board:focus {{ border: none; border-top: solid {ACCENT}; }}
.-narrow #header {{ height: 3; border: none; }}
.-narrow #body {{ layout: vertical; }}
.-narrow #left {{ width: 1fr; height: 1fr; }}
.-narrow #right {{ width: 1fr; height: 9; display: none; }}
.-narrow #positions {{ height: 1fr; max-height: 100%; min-height: 4; }}
.-narrow #legs, .-narrow #timeline {{ height: 9; display: none; }}
.-narrow #portfolio, .-narrow #funding {{ height: 9; max-height: 9; display: none; }}
.-narrow .-legs #legs, .-narrow .-timeline #timeline {{ display: block; }}
.-narrow .-funding #right, .-narrow .-portfolio #right {{ display: block; }}
.-narrow .-funding #funding, .-narrow .-portfolio #portfolio {{ display: block; }}

.-low #body #right, .-low #body #legs, .-low #body #timeline {{ display: none; }}
"""
