"""What-if: documents, or all open orders, judged on another day, in another state of knowledge or under another law. Nothing is stored.

Here the gateway's reading meets screening's judging, as it does in the running system over the bus; only compositions may import both.
"""
