DROP TABLE taken_over;
