"""Uploaded data sets and their analyses: a baseline against what is monitored.

Files and numbers only: `reading` makes a matrix of CSV files, `analysis` compares rows with a baseline,
`worker` is the process that runs both. SQL is in `store/datasets`, the jobs in `app/analysing`.
"""
