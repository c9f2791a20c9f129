"""Evaluation of a tagger: scores, reports and the data of plots."""
