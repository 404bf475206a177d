{#
  Calendar days from one moment to another, the hour of either aside; negative where the second is earlier, NULL where
  one of them is unknown. Days are counted on the calendar, as law 21.131 does, not in lapses of 24 hours.
#}
{% macro dias_entre(desde, hasta) -%}
    cast({{ dbt.datediff('cast(' ~ desde ~ ' as date)', 'cast(' ~ hasta ~ ' as date)', 'day') }} as integer)
{%- endmacro %}
