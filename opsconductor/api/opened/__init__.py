"""Open alerts as answers need them: in order, counted, grouped; kept between questions."""
