"""Detection of anomalies in measured values; pure: numpy arrays in, findings out, no clock and no SQL.

`detector.Detector` judges samples and returns `findings.Findings`; `devices.DeviceTests` looks at the series
of a device together; `feedback.Feedback` remembers what people judged false; `budget.AlarmBudget` decides
what becomes an alert; `explain.explain` returns the facts; `checkpoint.save` and `checkpoint.load` keep the
state.
"""
