{#
  Texts of a group joined in the order of their position. Aggregates that join texts take their order in a different
  syntax on each engine, or in none; this is the same on all of them. What stands beyond `maximo` would be left out.
#}
{% macro unir_por_posicion(texto, posicion, separador, maximo) -%}
    concat_ws(
        '{{ separador }}'
        {%- for lugar in range(1, maximo + 1) %},
        max(case when {{ posicion }} = {{ lugar }} then {{ texto }} end)
        {%- endfor %}
    )
{%- endmacro %}
