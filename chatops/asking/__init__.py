"""One ask from end to end.

`gateway` takes a text (`texts`, `replies`) or a press of somebody we know; `strangers` are turned away. `considering`
takes an ask on that may be (`allowing`), aside where it is private (`privately`). What is asked twice waits in
`confirming`, for another's word in `approving` (`awaited`: whose), and is looked at again before the act
(`second_look`). `acting` does it. `clerk` records every step before it is shown; `settling` ends what a stop cut short.
"""
