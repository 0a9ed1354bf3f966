# form: cut off
# The upload broke off half way: no valid JSON.
