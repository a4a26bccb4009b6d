"""One page shape for every list."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "pageSize"
    max_page_size = 200


class SnakePages(Pages):
    """The same for the routes whose names are in snake_case."""

    page_size_query_param = "page_size"
