-- Without saved views.

DROP TABLE saved_views;
