"""Write the addresses of the pages, of Colab and of Binder into the README."""

from workshop.site.links import write_readme

write_readme()
